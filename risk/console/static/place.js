// Which line of a list somebody is at stands in the address, so that back and reload lead there.
export function keepPlace(rows) {
  rows.addEventListener('focusin', (event) => {
    const row = event.target.closest('tr[id]')
    if (row) history.replaceState(history.state, '', `#${row.id}`)
  })
  const id = location.hash.slice(1)
  const row = id ? document.getElementById(id) : null
  const link = row && rows.contains(row) ? row.querySelector('[data-row]') : null
  if (!link) return
  link.focus({ preventScroll: true })
  row.scrollIntoView({ block: 'center' })
}
