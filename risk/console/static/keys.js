// Keys that a page answers to. A page binds its own; `?` lists them all.
//
//   bind('j', 'the next alert', () => …)
const bound = new Map()

export function bind(key, about, action) {
  bound.set(key, { about, action })
  const button = document.getElementById('help-button')
  if (button) button.hidden = false
}

const typing = (target) => target.matches?.('input, select, textarea, [contenteditable]')

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (typing(event.target)) {
    if (event.key === 'Escape') event.target.blur()
    return
  }
  if (document.getElementById('help').open) return
  const found = bound.get(event.key)
  if (!found) return
  event.preventDefault()
  found.action(event)
})

function help() {
  const dialog = document.getElementById('help')
  const list = dialog.querySelector('dl')
  list.replaceChildren(
    ...[...bound].flatMap(([key, { about }]) => {
      const term = document.createElement('dt')
      const name = document.createElement('kbd')
      name.textContent = key === 'Escape' ? 'Esc' : key
      term.append(name)
      const meaning = document.createElement('dd')
      meaning.textContent = about
      return [term, meaning]
    }),
  )
  dialog.showModal()
}

document.getElementById('help-button')?.addEventListener('click', help)
bind('?', 'these shortcuts', help)

// A list whose lines have a link each: j and k go through it, o opens.
export function list(links, what) {
  const step = (by) => {
    const all = [...links()]
    if (!all.length) return
    const at = all.indexOf(document.activeElement?.closest?.('[data-row]'))
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]
    next.focus({ preventScroll: true })
    next.scrollIntoView({ block: 'nearest' })
  }
  bind('j', `the next ${what}`, () => step(1))
  bind('k', `the ${what} before`, () => step(-1))
  bind('o', `open the ${what}`, () => document.activeElement?.closest?.('[data-row]')?.click())
}
