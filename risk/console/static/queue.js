// The queue: keys go through its lines, and judge the one that has the focus; what others do shows at once.
import { settled, touch, watch } from './changes.js'
import { say } from './console.js'
import { bind, list } from './keys.js'
import { keepPlace } from './place.js'
import { part } from './stream.js'

const rows = document.getElementById('rows')
const lacks = document.getElementById('lacks')
const filters = document.getElementById('filters')
const { query } = rows.dataset
let last = null // the line that a step was taken of last, and which, for undoing it

const current = () => document.activeElement?.closest?.('#rows tr')

async function step(name, values, row = current()) {
  if (!row) return say('Choose a case first: j goes to the next.')
  const { case: id, revision } = row.dataset
  if (!settled(id)) return
  last = { id: row.id, name }
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

// The line to go on with after one that is done: the next that isn't, from the top again at the end.
const DONE = ['closed', 'pending', 'snoozed']
function nextOf(row) {
  const all = [...rows.children]
  const at = all.indexOf(row)
  return [...all.slice(at + 1), ...all.slice(0, at)].find((one) => !DONE.includes(one.dataset.state))
}

const line = (id) => document.getElementById(`case-${id}`)
function enter(row) {
  row?.querySelector('[data-row]')?.focus({ preventScroll: true })
  row?.scrollIntoView({ block: 'nearest' })
}

document.addEventListener('htmx:afterRequest', async (event) => {
  const found = /^\/cases\/(\d+)\/steps\/(\w+)$/.exec(event.detail.pathInfo?.requestPath ?? '')
  if (!found) return
  const [, id, name] = found
  const status = event.detail.xhr.status
  if (event.detail.successful) {
    const row = line(id)
    if (row) say(`Case ${id} ${TOLD[name]?.(row) ?? 'has changed'}. ${name === 'undo' || name === 'release' ? '' : 'u takes that back.'}`)
    enter(DONE.includes(row?.dataset.state) ? (nextOf(row) ?? row) : row)
    want() // what the verdict changes beside the line
  } else if (status === 409 || status === 403) {
    // How it stands now, so that the next key is about that.
    const told = document.getElementById('notice').textContent
    await look()
    say(told)
  }
})

// --- What others do

const { want, busy } = watch(
  '/cases/events',
  (cases) => Object.entries(cases).some(([id, { revision }]) => !(Number(line(id)?.dataset.revision) >= revision)),
  look,
)

async function look(whole = false) {
  const shown = [...rows.children].map((row) => `${row.dataset.case}:${row.dataset.revision}`).join()
  const { content, headers } = await part(`/cases/rows?${query}&shown=${shown}${whole ? '&whole=1' : ''}`)
  if (busy()) return want()
  const found = [...content.querySelectorAll('tr')]
  if (headers.get('x-cases-whole') === '1') showAll(found)
  else for (const row of found) show(row)
  for (const id of ['totals', 'more']) document.getElementById(id).replaceWith(content.getElementById(id))
  const count = Number(headers.get('x-cases-lacks'))
  lacks.hidden = !count
  lacks.querySelector('span').textContent = count === 1 ? 'Show 1 more case' : `Show ${count} more cases`
}

// A line that has changed, where it is: the list doesn't move under who works in it.
function show(row) {
  const old = document.getElementById(row.id)
  if (!old || Number(old.dataset.revision) >= Number(row.dataset.revision)) return
  const focused = old.contains(document.activeElement)
  row.dataset.fresh = 'new'
  touch(row.dataset.case)
  old.replaceWith(row)
  if (!focused) return
  row.querySelector('[data-row]').focus({ preventScroll: true })
  say(`Case ${row.dataset.case} has just changed.`)
}

function showAll(found) {
  const here = current()?.id
  rows.replaceChildren(...found)
  rows.parentNode.hidden = !found.length
  document.getElementById('none').hidden = found.length > 0
  if (here) enter(document.getElementById(here) ?? found[0])
}

lacks.addEventListener('click', () => look(true))

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

filters.addEventListener('submit', (event) => {
  event.preventDefault()
  const given = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value.trim()))
  if (given.get('sort') === 'risk') given.delete('sort')
  const text = given.toString()
  location.assign(text ? `/cases?${text}` : '/cases') // an address without what is empty
})
for (const one of filters.querySelectorAll('select')) one.addEventListener('change', () => filters.requestSubmit())

if (new URLSearchParams(location.search).has('none')) say('Nobody else waits here: there is no open case by these filters.')

list(() => rows.querySelectorAll('[data-row]'), 'case')
bind('v', 'show the cases that have come since', () => look(true))
if (document.getElementById('next')) {
  bind('n', 'claim the next case, and open it', () => document.getElementById('next').requestSubmit())
  bind('f', 'this case is fraud', () => step('close', { verdict: 'fraud' }))
  bind('l', 'this case is legitimate', () => step('close', { verdict: 'legitimate' }))
  bind('s', 'snooze this case for an hour', () => step('snooze', { hours: 1 }))
  bind('c', 'claim this case', () => step('claim', {}))
  bind('u', 'undo what was done last', undo)
}
bind('/', 'filter by user', () => document.querySelector('[data-key="/"]').focus())
