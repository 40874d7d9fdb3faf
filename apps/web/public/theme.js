// Before the first paint, so that no page flashes in the other theme: what the person chose, or what the system says.
;(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    let chosen = null
    try {
      chosen = localStorage.getItem('stead.theme')
    } catch {
      // Storage may be forbidden; the system's choice holds then.
    }
    document.documentElement.dataset.theme =
      chosen === 'dark' || chosen === 'light' ? chosen : dark.matches ? 'dark' : 'light'
  }
  apply()
  dark.addEventListener('change', apply)
  addEventListener('storage', apply)
  addEventListener('stead-theme', apply)
})()
