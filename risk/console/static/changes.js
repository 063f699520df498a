// Pages of cases hear what others do, and look at it: what the queue and a case's page share.
import { say } from './console.js'
import { LOST, SERVERS, beat, follow, inTurns } from './stream.js'

const SETTLES_MS = 1000
const PAUSE_MS = 500
const OWN = /^\/cases\/(\d+\/(steps|notes)|bulk)/
const FAILED = 'The last look at what has changed failed. This page tries by itself.'

const pulse = document.getElementById('pulse')
const state = { place: pulse.dataset.place, postgres: pulse.dataset.postgres, link: 'connecting', failed: false }
let own = 0 // requests of the viewer's own that are under way: what they bring comes first
let said = '' // what this has told, to be taken back when it is over

function tell() {
  const wrong = (state.link === 'lost' && LOST) || SERVERS.postgres[state.postgres] || (state.failed && FAILED) || ''
  beat(wrong ? 'away' : state.link)
  if (wrong === said) return
  if (wrong || document.getElementById('notice').textContent === said) say(wrong)
  said = wrong
}

// Follows the stream at `path`. `concerns(cases)` says whether what has changed is to be looked at, by
// `look()`. Gives `want()`, by which the page asks for a look, and `busy()`: a step is under way.
export function watch(path, concerns, look) {
  const busy = () => own > 0
  const settle = (failed) => {
    state.failed = failed
    tell()
  }
  const { want, turn } = inTurns(look, busy, settle, PAUSE_MS)
  const isOwn = (event) => event.detail.requestConfig?.verb === 'post' && OWN.test(event.detail.pathInfo?.requestPath ?? '')
  document.addEventListener('htmx:beforeSend', (event) => {
    if (isOwn(event)) own += 1
  })
  document.addEventListener('htmx:afterRequest', (event) => {
    if (!isOwn(event)) return
    own = Math.max(0, own - 1)
    turn()
  })
  const address = () => `${path}${path.includes('?') ? '&' : '?'}after=${state.place}`
  follow(
    address,
    {
      servers: ({ postgres }) => {
        if (state.postgres !== postgres) want()
        state.postgres = postgres
        tell()
      },
      cases: ({ cases }, place) => {
        state.place = place
        if (concerns(cases)) want()
      },
      anew: (_, place) => {
        state.place = place
        want()
      },
      ended: () => location.reload(),
    },
    (link) => {
      state.link = link
      tell()
    },
    want,
  )
  tell()
  return { want, busy }
}

// What has just changed under somebody's eyes takes no step for a moment: it was meant for what was
// there before.
const touched = new Map()

export const touch = (id) => touched.set(String(id), performance.now())

export function settled(id) {
  if (performance.now() - (touched.get(String(id)) ?? -Infinity) >= SETTLES_MS) return true
  say(`Case ${id} has just changed. Look again, then decide.`)
  return false
}
