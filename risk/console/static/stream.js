// What pages that are live share: a stream that says that something has changed, and looks at it,
// one at a time, so that a slow browser or a flood makes a page fall behind in steps, and never freeze.

const LONGEST_MS = 10000 // between two tries to connect
const FAILED_MS = 2000 // between two looks after one that failed

// Opens the stream at `address()`, which begins where the page has got to, and opens it again when it
// was lost. `told` has a function for each event, of its data and place; `link('up')` or `link('lost')`
// says how it is, and `look()` is called when the page has to see for itself.
export function follow(address, told, link, look) {
  let source = null
  let retry = 1000
  function connect() {
    source?.close()
    source = new EventSource(address())
    source.addEventListener('open', () => {
      retry = 1000
      link('up')
    })
    source.addEventListener('error', () => {
      link('lost')
      if (source.readyState !== EventSource.CLOSED) return // it tries by itself, from its last event
      const after = retry
      retry = Math.min(LONGEST_MS, retry * 2)
      setTimeout(() => !document.hidden && connect(), after)
      look() // if the session has ended, the answer says so
    })
    for (const [name, take] of Object.entries(told)) {
      source.addEventListener(name, (event) => take(JSON.parse(event.data), event.lastEventId))
    }
  }
  // Hidden pages need no stream: a browser has but a few connections for all of its pages.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) source?.close()
    else {
      connect()
      look()
    }
  })
  connect()
}

// `want()` asks for a look at what has changed. `look()` is awaited before the next one, which comes
// `pause` ms later at the earliest. While `held()`, one that is wanted waits for `turn()`.
export function inTurns(look, held, done, pause = 250) {
  let wanted = false
  let looking = false
  async function turn() {
    if (looking || !wanted || document.hidden || held()) return
    looking = true
    wanted = false
    let failed = false
    try {
      await look()
    } catch {
      failed = true
      wanted = true
    } finally {
      looking = false
      done(failed)
      setTimeout(turn, failed ? FAILED_MS : pause)
    }
  }
  const want = () => {
    wanted = true
    turn()
  }
  return { want, turn }
}

// A part of the page, as its server makes it. Who isn't signed in any more is led to the sign-in.
export async function part(address) {
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, cache: 'no-store' })
  if (answer.status === 401) location.assign(answer.headers.get('hx-redirect') ?? '/sign-in')
  if (!answer.ok) throw new Error(String(answer.status))
  const found = document.createElement('template')
  found.innerHTML = await answer.text() // made by the server's templates, which escape
  return { content: found.content, headers: answer.headers }
}

// The pulse in the bar, and the line under it where something is wrong.
export const SERVERS = {
  kafka: {
    away: 'Kafka is away: no new alerts until it is back. This page tries by itself.',
    missing: 'Kafka has no topic of alerts yet: `risk up` makes it. This page looks again by itself.',
  },
  postgres: { away: 'Postgres is away: nothing new is shown until it is back. This page tries by itself.' },
}
export const LOST = 'The console does not answer. This page tries by itself.'
const WORDS = { away: 'Away', paused: 'Paused', connecting: 'Connecting', up: 'Live' }

export function beat(name) {
  const pulse = document.getElementById('pulse')
  if (pulse.dataset.state === name) return
  pulse.dataset.state = name
  pulse.querySelector('span').textContent = WORDS[name]
}
