// Puts newer parts of a page in the place of those with their ids, and keeps what somebody has focused,
// opened, scrolled to or begun to write in them.
import { localise } from './times.js'

const WRITTEN = 'input:not([type="hidden"], [type="file"], [type="radio"], [type="checkbox"]), textarea'

// Where the focus is, as a selector within the part.
function pathOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`
  if (element.dataset.do) return `[data-do="${CSS.escape(element.dataset.do)}"]`
  if (element.dataset.row !== undefined) return `#${CSS.escape(element.closest('tr').id)} [data-row]`
  return element.matches('summary') ? 'summary' : null
}

function focus(part, path, selection) {
  const element = path && (part.matches(path) ? part : part.querySelector(path))
  if (!element) return
  element.focus({ preventScroll: true })
  if (selection?.[0] != null) element.setSelectionRange(...selection)
}

// Gives what was written where there is no place for it any more.
function replaced(old, fresh) {
  const active = old.contains(document.activeElement) ? document.activeElement : null
  const path = active && pathOf(active)
  const selection = active?.matches(WRITTEN) ? [active.selectionStart, active.selectionEnd] : null
  const written = [...old.querySelectorAll(WRITTEN)].filter((one) => one.value !== one.defaultValue)
  const chosen = [...old.querySelectorAll('select[id]')].map((one) => [one.id, one.value])
  const open = [...old.querySelectorAll('details[open] > summary')].map((one) => one.textContent)
  const scrolled = [...old.querySelectorAll('.payments-list, ol')].map((one) => one.scrollTop)
  old.replaceWith(fresh)
  const lost = []
  for (const { id, value } of written) {
    const now = id ? fresh.querySelector(`#${CSS.escape(id)}`) : null
    if (now) now.value = value
    else lost.push(value)
  }
  for (const [id, value] of chosen) {
    const now = fresh.querySelector(`#${CSS.escape(id)}`)
    if (now) now.value = value
  }
  for (const summary of fresh.querySelectorAll('details > summary')) {
    if (open.includes(summary.textContent)) summary.parentNode.open = true
  }
  for (const [n, one] of [...fresh.querySelectorAll('.payments-list, ol')].entries()) one.scrollTop = scrolled[n] ?? 0
  focus(fresh, path, selection)
  return lost
}

export function replaceParts(content) {
  const lost = []
  for (const fresh of [...content.children].filter((one) => one.id)) {
    const old = document.getElementById(fresh.id)
    if (!old) continue
    lost.push(...replaced(old, fresh))
    htmx.process(fresh)
    localise(fresh)
  }
  return lost.filter((text) => text.trim())
}
