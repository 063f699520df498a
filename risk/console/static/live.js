// The live page: the server says that something has changed, and the page asks for it.
import { say } from './console.js'
import { bind, list } from './keys.js'
import { LOST, SERVERS, beat, follow, inTurns, part } from './stream.js'
import { localise } from './times.js'

const MOST_ROWS = 120
const FEW = 6
const FIGURES_MS = 1500 // between two looks at the figures
const AGING_MS = 5000 // figures grow old by themselves

const live = document.getElementById('live')
const rows = document.getElementById('rows')
const detail = document.getElementById('detail')
const pause = document.getElementById('pause')
const held = document.getElementById('held')
const query = live.dataset.query

const state = {
  place: live.dataset.place,
  paused: 'paused' in live.dataset,
  servers: { kafka: live.dataset.kafka, postgres: live.dataset.postgres },
  link: 'connecting',
  waiting: 0, // alerts that have come while paused
  figured: 0,
  failed: false,
}

const address = (path, values) => {
  const all = new URLSearchParams(query)
  for (const [name, value] of Object.entries(values)) all.set(name, value)
  const text = all.toString()
  return text ? `${path}?${text}` : path
}

// --- What is said of the connection

function tell() {
  const { servers, link } = state
  const wrong = SERVERS.kafka[servers.kafka] ?? SERVERS.postgres[servers.postgres]
  const lost = link === 'lost' ? LOST : ''
  say(lost || wrong || (state.failed ? 'The last look at the alerts failed. This page tries by itself.' : ''))
  beat(lost || wrong || state.failed ? 'away' : state.paused ? 'paused' : link)
}

// --- Rows

const { want } = inTurns(ask, () => state.paused, (failed) => {
  state.failed = failed
  tell()
  if (!failed) figures()
})

async function ask() {
  const { content, headers } = await part(address('/live/rows', { after: state.place }))
  insert(content, headers.get('x-live-anew') === '1')
  state.place = headers.get('x-live-place')
}

function insert(content, anew) {
  const found = [...content.querySelectorAll('tr')]
  if (anew) rows.replaceChildren()
  for (const row of found) document.getElementById(row.id)?.remove()
  const fresh = anew || found.length > FEW ? 'none' : 'new' // a flood is no news
  for (const row of found) row.dataset.fresh = fresh
  rows.prepend(...found)
  while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove()
  for (const row of found) htmx.process(row)
  localise(rows)
  document.getElementById('none').hidden = rows.children.length > 0
}

// --- Figures

async function figures() {
  const now = performance.now()
  if (state.paused || document.hidden || now - state.figured < FIGURES_MS) return
  state.figured = now
  try {
    await htmx.ajax('GET', address('/live/summary', {}), { target: '#tiles', swap: 'none' })
  } catch {
    state.figured = 0 // the rows say what is wrong
  }
}

setInterval(figures, AGING_MS)
setTimeout(figures, FIGURES_MS)

// --- Pausing, filtering, opening

function setPaused(paused) {
  state.paused = paused
  pause.setAttribute('aria-pressed', String(paused))
  pause.querySelector('span').textContent = paused ? 'Resume' : 'Pause'
  const here = new URL(location.href)
  if (paused) here.searchParams.set('paused', '1')
  else here.searchParams.delete('paused')
  history.replaceState(history.state, '', here)
  if (!paused) {
    state.waiting = 0
    held.textContent = ''
    want()
  }
  tell()
}

pause.addEventListener('click', () => setPaused(!state.paused))

const filters = document.getElementById('filters')
filters.addEventListener('submit', (event) => {
  event.preventDefault()
  const given = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value.trim()))
  const text = given.toString()
  location.assign(text ? `/live?${text}` : '/live') // an address without what is empty
})
filters.querySelector('select').addEventListener('change', () => filters.requestSubmit())

function close() {
  const chosen = document.querySelector('#rows tr[aria-current] [data-row]')
  detail.hidden = true
  document.querySelector('#rows tr[aria-current]')?.removeAttribute('aria-current')
  chosen?.focus()
}

document.addEventListener('htmx:beforeRequest', (event) => {
  const row = event.detail.elt.closest('#rows tr')
  if (!row) return
  document.querySelector('#rows tr[aria-current]')?.removeAttribute('aria-current')
  row.setAttribute('aria-current', 'true')
})
document.addEventListener('htmx:afterSwap', (event) => {
  if (event.detail.target !== detail) return
  detail.hidden = false
  if (matchMedia('(max-width: 1000px)').matches) detail.scrollIntoView({ block: 'start' })
})
detail.addEventListener('click', (event) => event.target.closest('[data-close]') && close())
rows.addEventListener('click', (event) => {
  if (!event.target.closest('a')) event.target.closest('tr')?.querySelector('[data-row]')?.click()
})

list(() => rows.querySelectorAll('[data-row]'), 'alert')
bind('Escape', 'close the alert', close)
bind('r', 'review the case of the alert that is open', () => document.querySelector('#detail [data-do="r"]')?.click())
bind('p', 'pause, or go on', () => setPaused(!state.paused))
bind('/', 'filter by user', () => document.querySelector('[data-key="/"]').focus())

follow(
  () => address('/live/events', { after: state.place }),
  {
    servers: (servers) => {
      const back = servers.postgres !== state.servers.postgres
      state.servers = servers
      if (back) want()
      tell()
    },
    alerts: ({ count }) => {
      if (!state.paused) return want()
      state.waiting += count
      held.textContent = `${state.waiting.toLocaleString()} new since you paused`
    },
    anew: () => state.paused || want(),
    ended: () => location.assign('/live'),
  },
  (link) => {
    state.link = link
    tell()
  },
  want,
)
tell()
