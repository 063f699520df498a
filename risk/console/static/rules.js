// A change of a rule: names are offered while one writes, and a fault leads to its place.
const text = document.getElementById('text')
const offered = document.getElementById('complete')
const MOST = 8
const LEAST = 2 // letters, before names are offered

const names = [...document.querySelectorAll('#names tr')].map(({ dataset }) => ({ name: dataset.name, about: dataset.about }))

// The word that ends where the caret is.
const word = () => /[a-z][a-z0-9_]*$/.exec(text.value.slice(0, text.selectionStart))?.[0] ?? ''

function close() {
  offered.hidden = true
  offered.replaceChildren()
  text.removeAttribute('aria-activedescendant')
}

function choose(index) {
  const all = [...offered.children]
  all.forEach((one, n) => one.setAttribute('aria-selected', String(n === index)))
  if (!all[index]) return
  text.setAttribute('aria-activedescendant', all[index].id)
  all[index].scrollIntoView({ block: 'nearest' })
}

function take(name) {
  const begun = word()
  const end = text.selectionStart
  text.setRangeText(name, end - begun.length, end, 'end')
  close()
  text.focus()
  text.dispatchEvent(new Event('input', { bubbles: true }))
  close()
}

function offer() {
  const begun = word()
  const fitting = begun.length < LEAST ? [] : names.filter(({ name }) => name !== begun && name.includes(begun))
  fitting.sort((a, b) => b.name.startsWith(begun) - a.name.startsWith(begun))
  if (!fitting.length) return close()
  offered.replaceChildren(
    ...fitting.slice(0, MOST).map(({ name, about }, n) => {
      const line = document.createElement('li')
      line.id = `name-${n}`
      line.role = 'option'
      line.dataset.name = name
      const meaning = document.createElement('span')
      meaning.textContent = about
      line.append(name, meaning)
      return line
    }),
  )
  offered.hidden = false
  choose(-1)
}

if (text) {
  text.addEventListener('input', offer)
  // A click on a name takes it, and does not blur; whoever is back by then goes on writing.
  text.addEventListener('blur', () => setTimeout(() => document.activeElement === text || close(), 200))
  text.addEventListener('click', close)
  offered.addEventListener('mousedown', (event) => {
    const line = event.target.closest('li')
    if (!line) return
    event.preventDefault()
    take(line.dataset.name)
  })
  text.addEventListener('keydown', (event) => {
    if (offered.hidden) return
    const all = [...offered.children]
    const at = all.findIndex((one) => one.getAttribute('aria-selected') === 'true')
    const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1 }
    if (event.key in steps) choose((steps[event.key] + all.length) % all.length)
    else if (event.key === 'Enter' && all[at]) take(all[at].dataset.name)
    else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
    event.stopPropagation()
  })
}

function lead() {
  if (!text) return
  for (const button of document.querySelectorAll('button[data-line]')) button.hidden = false
}

document.addEventListener('click', (event) => {
  const { line, column, width } = event.target.closest?.('button[data-line]')?.dataset ?? {}
  if (!line || !text) return
  const before = text.value.split('\n').slice(0, line - 1)
  const start = before.reduce((sum, one) => sum + one.length + 1, 0) + Number(column) - 1
  text.focus()
  text.setSelectionRange(start, start + Number(width))
})
document.addEventListener('htmx:load', lead)
lead()
