// The live page: the server says that something has changed, and the page asks for it.
//
// One request for rows and one for figures are under way at most, so a slow browser or a flood of
// alerts makes it fall behind in steps, and never freeze.
import { say } from './console.js'
import { bind, list } from './keys.js'
import { localise } from './times.js'

const MOST_ROWS = 120
const FEW = 6
const FIGURES_MS = 1500 // between two looks at the figures
const AGING_MS = 5000 // figures grow old by themselves
const LONGEST_MS = 10000 // between two tries to connect

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
  wanted: false, // rows are to be asked for
  asking: false,
  figured: 0,
  failed: false,
}
let source = null
let retry = 1000

const address = (path, values) => {
  const all = new URLSearchParams(query)
  for (const [name, value] of Object.entries(values)) all.set(name, value)
  const text = all.toString()
  return text ? `${path}?${text}` : path
}

// --- What is said of the connection

const SERVERS = {
  kafka: {
    away: 'Kafka is away: no new alerts until it is back. This page tries by itself.',
    missing: 'Kafka has no topic of alerts yet: `risk up` makes it. This page looks again by itself.',
  },
  postgres: { away: 'Postgres is away: nothing new is shown until it is back. This page tries by itself.' },
}

function tell() {
  const { servers, link } = state
  const wrong = SERVERS.kafka[servers.kafka] ?? SERVERS.postgres[servers.postgres]
  const lost = link === 'lost' ? 'The console does not answer. This page tries by itself.' : ''
  say(lost || wrong || (state.failed ? 'The last look at the alerts failed. This page tries by itself.' : ''))
  const name = lost || wrong || state.failed ? 'away' : state.paused ? 'paused' : link
  const words = { away: 'Away', paused: 'Paused', connecting: 'Connecting', up: 'Live' }
  const pulse = document.getElementById('pulse')
  if (pulse.dataset.state === name) return
  pulse.dataset.state = name
  pulse.querySelector('span').textContent = words[name]
}

// --- The stream of events

function connect() {
  source?.close()
  source = new EventSource(address('/live/events', { after: state.place }))
  source.addEventListener('open', () => {
    state.link = 'up'
    retry = 1000
    tell()
  })
  source.addEventListener('error', () => {
    state.link = 'lost'
    tell()
    if (source.readyState !== EventSource.CLOSED) return // it tries by itself, from its last event
    const after = retry
    retry = Math.min(LONGEST_MS, retry * 2)
    setTimeout(() => !document.hidden && connect(), after)
    want() // if the session has ended, the answer says so
  })
  source.addEventListener('servers', (event) => {
    const before = state.servers
    state.servers = JSON.parse(event.data)
    if (before.postgres !== state.servers.postgres) want()
    tell()
  })
  source.addEventListener('alerts', (event) => {
    if (!state.paused) return want()
    state.waiting += JSON.parse(event.data).count
    held.textContent = `${state.waiting.toLocaleString()} new since you paused`
  })
  source.addEventListener('anew', () => state.paused || want())
  source.addEventListener('ended', () => location.assign('/live'))
}

// Hidden pages need no stream: a browser has but a few connections for all of its pages.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) source?.close()
  else {
    connect()
    want()
  }
})

// --- Rows

function want() {
  state.wanted = true
  ask()
}

async function ask() {
  if (state.asking || !state.wanted || state.paused || document.hidden) return
  state.asking = true
  state.wanted = false
  try {
    const answer = await fetch(address('/live/rows', { after: state.place }), {
      headers: { 'HX-Request': 'true' },
      cache: 'no-store',
    })
    if (answer.status === 401) return location.assign(answer.headers.get('hx-redirect') ?? '/sign-in')
    if (!answer.ok) throw new Error(String(answer.status))
    insert(await answer.text(), answer.headers.get('x-live-anew') === '1')
    state.place = answer.headers.get('x-live-place')
    state.failed = false
  } catch {
    state.failed = true
    state.wanted = true
  } finally {
    state.asking = false
    tell()
    setTimeout(ask, state.failed ? 2000 : 250)
  }
  figures()
}

function insert(html, anew) {
  const part = document.createElement('template')
  part.innerHTML = html // made by the server's templates, which escape
  const found = [...part.content.querySelectorAll('tr')]
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
bind('p', 'pause, or go on', () => setPaused(!state.paused))
bind('/', 'filter by user', () => document.querySelector('[data-key="/"]').focus())

connect()
tell()
