// What every page has: times, the line that says what is wrong, the menu.
import './keys.js'
import { localise } from './times.js'

localise(document)
document.addEventListener('htmx:load', (event) => localise(event.detail.elt.parentNode ?? event.detail.elt))

const notice = document.getElementById('notice')

export function say(text) {
  if (notice.textContent !== text) notice.textContent = text
  notice.hidden = !text
}

document.addEventListener('htmx:responseError', (event) => {
  if (event.detail.xhr.status >= 500) say('The console could not do that. Try again in a moment.')
})
document.addEventListener('htmx:sendError', () => say('The console does not answer. Try again in a moment.'))

document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false
  }
})
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.open = false
    menu.querySelector('summary').focus()
  }
})
