// The page of a case: keys press its buttons, and go through its payments; what others do shows at once.
import { settled, touch, watch } from './changes.js'
import { say } from './console.js'
import { replaceParts } from './keep.js'
import { bind, list } from './keys.js'
import { part } from './stream.js'

const payment = document.getElementById('payment')
const stand = () => document.getElementById('stand')
const chosen = () => document.querySelector('#rows tr[aria-current]')
const id = stand().dataset.case

const press = (key) => {
  const button = document.querySelector(`[data-do="${key}"]`)
  if (!button) say('That can’t be done as the case stands.')
  else if (key === 'n' || key === 'p' || settled(id)) button.click()
}

// --- What others do

const { want, busy } = watch(
  `/cases/events?case=${id}`,
  (cases) => cases[id]?.event > Number(stand().dataset.last),
  look,
)

async function look() {
  const before = chosen()?.dataset
  const here = new URLSearchParams(location.search)
  if (before) here.set('payment', before.key)
  const { content } = await part(`/cases/${id}/now?${here}`)
  if (busy()) return want()
  const [was, is] = [stand().dataset, content.getElementById('stand').dataset]
  const changed = was.last !== is.last
  if (!changed && was.unsent === undefined) return
  const lost = replaceParts(content)
  moved()
  if (!changed) return
  touch(id)
  keepAsNote(lost)
  say(`${is.told}${lost.length ? ' What you were writing stands in the note, which is not added yet.' : ''}`)
  const now = chosen()?.dataset
  if (now && now.key === before?.key && now.revision !== before.revision) {
    htmx.ajax('GET', `/cases/${id}/payments/${now.key}`, { target: '#payment' })
  }
}

// What was written for a step that can't be taken any more.
function keepAsNote(lost) {
  const note = document.getElementById('note')
  if (note && lost.length) note.value = [note.value, ...lost].filter(Boolean).join('\n')
}

// The case stands otherwise: so may the payment's verdicts. One is sent after a while, and nobody tells:
// what the page says of it is looked at then.
let sending = 0
function moved() {
  const verdicts = document.getElementById('verdicts')
  if (verdicts) htmx.trigger(verdicts, 'changed')
  clearTimeout(sending)
  const { unsent } = stand().dataset
  if (unsent) sending = setTimeout(want, 1000 * Number(unsent) + 300)
}
moved()

// --- What the viewer does

// After a verdict the way on is the next case: the button that was pressed isn't there any more.
function goOn() {
  const done = ['closed', 'pending', 'snoozed'].includes(stand().dataset.state)
  if (done && document.activeElement === document.body) document.querySelector('[data-do="n"]')?.focus({ preventScroll: true })
}

document.addEventListener('htmx:beforeRequest', (event) => {
  const row = event.detail.elt.closest?.('#rows tr')
  if (!row) return
  chosen()?.removeAttribute('aria-current')
  row.setAttribute('aria-current', 'true')
})
document.addEventListener('htmx:afterSwap', (event) => {
  const { target, elt } = event.detail
  if (target.id === 'stand' || elt?.id === 'stand') {
    say('')
    moved()
    goOn()
  }
  if (target === payment && matchMedia('(max-width: 1000px)').matches) payment.scrollIntoView({ block: 'start' })
})
document.addEventListener('htmx:afterRequest', (event) => {
  const { elt, successful } = event.detail
  if (successful && elt.closest?.('.notes form')) elt.closest('form').reset()
})
// A step that was refused: how the case stands now, under the line that says why.
document.addEventListener('htmx:responseError', async (event) => {
  const { xhr, pathInfo } = event.detail
  if (!/\/steps\/\w+$/.test(pathInfo.requestPath) || (xhr.status !== 409 && xhr.status !== 403)) return
  const told = document.getElementById('notice').textContent
  await look()
  say(told)
})
document.addEventListener('click', (event) => {
  const row = event.target.closest('#rows tr')
  if (row && !event.target.closest('a')) row.querySelector('[data-row]').click()
})

const frame = document.querySelector('.payments-list')
if (chosen()) frame.scrollTop = chosen().offsetTop - frame.clientHeight / 2

list(() => document.querySelectorAll('#rows [data-row]'), 'payment')
if (document.querySelector('#next')) {
  bind('f', 'fraud', () => press('f'))
  bind('l', 'legitimate', () => press('l'))
  bind('s', 'snooze for an hour', () => press('s'))
  bind('u', 'undo the verdict', () => press(stand().dataset.state === 'snoozed' ? 'c' : 'u'))
  bind('c', 'claim', () => press('c'))
  bind('r', 'release', () => press('r'))
  bind('e', 'escalate to a lead', () => press('e'))
  bind('a', 'approve the verdict', () => press('a'))
  bind('n', 'claim the next case', () => press('n'))
  bind('m', 'write a note', () => document.querySelector('[data-key="m"]').focus())
  bind('p', 'prove the score', () => press('p'))
}
bind('Escape', 'back to the queue', () => document.querySelector('[data-back]').click())
