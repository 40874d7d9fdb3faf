export type Theme = 'system' | 'light' | 'dark'
const KEY = 'stead.theme'

export function chosenTheme(): Theme {
  const chosen = localStorage.getItem(KEY)
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

/** public/theme.js, which runs before the first paint, carries it out in all tabs. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme)
  dispatchEvent(new Event('stead-theme'))
}
