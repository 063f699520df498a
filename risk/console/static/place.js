// Which line of a list somebody is at stands in the address, so that back and reload lead there.
//
// No element has the name that stands there: to one that has, the browser would scroll by itself when
// all is loaded, and take the focus away from its link.
const MARK = '#at-'

export function keepPlace(rows) {
  rows.addEventListener('focusin', (event) => {
    const row = event.target.closest('tr[id]')
    if (row) history.replaceState(history.state, '', MARK + row.id)
  })
  const id = location.hash.startsWith(MARK) ? location.hash.slice(MARK.length) : ''
  const row = id ? document.getElementById(id) : null
  const link = row && rows.contains(row) ? row.querySelector('[data-row]') : null
  if (!link) return
  link.focus({ preventScroll: true })
  row.scrollIntoView({ block: 'center' })
}
