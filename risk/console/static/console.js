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

// A part that was to come by itself says that it doesn't, and waits no longer.
function giveUp(part) {
  const waiting = part?.querySelector?.('.loading')
  if (!waiting) return
  waiting.textContent = 'This could not be looked up now. Load the page again in a moment.'
  waiting.classList.remove('loading')
}

document.addEventListener('htmx:responseError', (event) => {
  giveUp(event.detail.elt)
  const { status, responseText } = event.detail.xhr
  if (status >= 500) return say('The console could not do that. Try again in a moment.')
  // What was refused is told in the line under the bar, unless it takes a part's place.
  const shown = event.detail.shouldSwap ?? (status === 403 || status === 404)
  if (shown && event.detail.xhr.getResponseHeader('hx-reswap') !== 'none') return
  const part = new DOMParser().parseFromString(responseText, 'text/html')
  say(part.querySelector('.problem')?.lastChild?.textContent.trim() || part.body.textContent.trim())
})
document.addEventListener('htmx:sendError', (event) => {
  giveUp(event.detail.elt)
  say('The console does not answer. Try again in a moment.')
})

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
