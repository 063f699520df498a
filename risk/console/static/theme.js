// Light or dark: as the system has it, until somebody chooses. Runs before the page is drawn.
(() => {
  const root = document.documentElement
  const chosen = () => {
    try {
      return localStorage.getItem('theme')
    } catch {
      return null // storage may be closed to pages
    }
  }
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const show = () => {
    const name = chosen() ?? (dark.matches ? 'dark' : 'light')
    root.dataset.theme = name
  }
  show()
  dark.addEventListener('change', show)
  addEventListener('DOMContentLoaded', () => {
    document.getElementById('theme')?.addEventListener('click', () => {
      try {
        localStorage.setItem('theme', root.dataset.theme === 'dark' ? 'light' : 'dark')
      } catch {
        return
      }
      show()
    })
  })
})()
