// The page of a case: keys press its buttons, and go through its payments.
import { say } from './console.js'
import { bind, list } from './keys.js'

const rows = document.getElementById('rows')
const payment = document.getElementById('payment')

const press = (key) => {
  const button = document.querySelector(`[data-do="${key}"]`)
  if (button) button.click()
  else say('That can’t be done as the case stands.')
}

document.addEventListener('htmx:beforeRequest', (event) => {
  const row = event.detail.elt.closest?.('#rows tr')
  if (!row) return
  rows.querySelector('tr[aria-current]')?.removeAttribute('aria-current')
  row.setAttribute('aria-current', 'true')
})
document.addEventListener('htmx:afterSwap', (event) => {
  const { target } = event.detail
  if (target.id === 'stand' || event.detail.elt?.id === 'stand') say('')
  if (target === payment && matchMedia('(max-width: 1000px)').matches) payment.scrollIntoView({ block: 'start' })
})
// A step that was refused: how the case stands now, under the line that says why.
document.addEventListener('htmx:responseError', async (event) => {
  const { xhr, pathInfo } = event.detail
  if (!/\/steps\/\w+$/.test(pathInfo.requestPath) || (xhr.status !== 409 && xhr.status !== 403)) return
  const told = document.getElementById('notice').textContent
  await htmx.ajax('GET', `/cases/${document.getElementById('stand').dataset.case}/stand`, { target: '#stand', swap: 'outerHTML' })
  say(told)
})
rows.addEventListener('click', (event) => {
  if (!event.target.closest('a')) event.target.closest('tr')?.querySelector('[data-row]')?.click()
})

const frame = document.querySelector('.payments-list')
const chosen = rows.querySelector('tr[aria-current]')
if (chosen) frame.scrollTop = chosen.offsetTop - frame.clientHeight / 2

list(() => rows.querySelectorAll('[data-row]'), 'payment')
if (document.querySelector('#next')) {
  bind('f', 'fraud', () => press('f'))
  bind('l', 'legitimate', () => press('l'))
  bind('s', 'snooze for an hour', () => press('s'))
  bind('u', 'undo the verdict', () => {
    const snoozed = document.getElementById('stand').dataset.state === 'snoozed'
    press(snoozed ? 'c' : 'u')
  })
  bind('c', 'claim', () => press('c'))
  bind('r', 'release', () => press('r'))
  bind('e', 'escalate to a lead', () => press('e'))
  bind('a', 'approve the verdict', () => press('a'))
  bind('n', 'claim the next case', () => press('n'))
  bind('m', 'write a note', () => document.querySelector('[data-key="m"]').focus())
  bind('p', 'prove the score', () => press('p'))
}
bind('Escape', 'back to the queue', () => document.querySelector('[data-back]').click())
