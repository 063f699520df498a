// The queue: keys go through its lines, and judge the one that has the focus.
import { say } from './console.js'
import { bind, list } from './keys.js'
import { keepPlace } from './place.js'

const rows = document.getElementById('rows')
const filters = document.getElementById('filters')
const query = rows?.dataset.query ?? ''
let last = null // the line that a step was taken of last, and which, for undoing it

const current = () => document.activeElement?.closest?.('#rows tr')

async function step(name, values, row = current()) {
  if (!row) return say('Choose a case first: j goes to the next.')
  last = { id: row.id, name }
  const { case: id, revision } = row.dataset
  await htmx.ajax('POST', `/cases/${id}/steps/${name}`, {
    values: { revision, part: 'row', ...values },
    target: row,
    swap: 'outerHTML',
  })
}

function undo() {
  const row = (last && document.getElementById(last.id)) ?? current()
  if (!row) return say('There is nothing to undo.')
  const { state } = row.dataset
  if (state === 'snoozed') return step('claim', {}, row)
  step(state === 'claimed' && last?.name === 'claim' ? 'release' : 'undo', {}, row)
}

const TOLD = {
  close: (row) => (row.dataset.state === 'pending' ? 'waits for approval' : 'is judged'),
  snooze: () => 'sleeps for an hour',
  claim: () => 'is yours',
  undo: () => 'is yours again, and not judged',
  release: () => 'is nobody’s again',
}

document.addEventListener('htmx:afterRequest', async (event) => {
  const found = /^\/cases\/(\d+)\/steps\/(\w+)$/.exec(event.detail.pathInfo?.requestPath ?? '')
  if (!found) return
  const [, id, name] = found
  const status = event.detail.xhr.status
  if (event.detail.successful) {
    const row = document.getElementById(`case-${id}`)
    row?.querySelector('[data-row]')?.focus({ preventScroll: true })
    if (row) say(`Case ${id} ${TOLD[name]?.(row) ?? 'has changed'}. ${name === 'undo' || name === 'release' ? '' : 'u takes that back.'}`)
  } else if (status === 409 || status === 403) {
    // How it stands now, so that the next key is about that.
    await htmx.ajax('GET', `/cases/${id}/row`, { target: `#case-${id}`, swap: 'outerHTML' })
    document.getElementById(`case-${id}`)?.querySelector('[data-row]')?.focus({ preventScroll: true })
  }
})

if (rows) {
  // The address of the queue goes along, so that "next" on the case's page is next in this order.
  const withQueue = (link) => (query ? `${link.getAttribute('href')}?${query}` : link.getAttribute('href'))
  rows.addEventListener('click', (event) => {
    const link = event.target.closest('tr')?.querySelector('[data-row]')
    if (!link || (event.target.closest('a') && event.target.closest('a') !== link)) return
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    link.focus({ preventScroll: true })
    location.assign(withQueue(link))
  })
  keepPlace(rows)
}

filters.addEventListener('submit', (event) => {
  event.preventDefault()
  const given = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value.trim()))
  if (given.get('sort') === 'risk') given.delete('sort')
  const text = given.toString()
  location.assign(text ? `/cases?${text}` : '/cases') // an address without what is empty
})
for (const one of filters.querySelectorAll('select')) one.addEventListener('change', () => filters.requestSubmit())

if (new URLSearchParams(location.search).has('none')) say('Nobody else waits here: there is no open case by these filters.')

list(() => rows?.querySelectorAll('[data-row]') ?? [], 'case')
if (document.getElementById('next')) {
  bind('n', 'claim the next case, and open it', () => document.getElementById('next').requestSubmit())
  bind('f', 'this case is fraud', () => step('close', { verdict: 'fraud' }))
  bind('l', 'this case is legitimate', () => step('close', { verdict: 'legitimate' }))
  bind('s', 'snooze this case for an hour', () => step('snooze', { hours: 1 }))
  bind('c', 'claim this case', () => step('claim', {}))
  bind('u', 'undo what was done last', undo)
}
bind('/', 'filter by user', () => document.querySelector('[data-key="/"]').focus())
