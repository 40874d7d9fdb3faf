/** The product's mark: what stands, and what moves through it. */
export function Logo() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden>
      <path d="M3 18V3h14v15" fill="none" stroke="currentColor" strokeWidth="3" />
      <rect x="7.5" y="8.5" width="5" height="9.5" fill="var(--c1)" />
    </svg>
  )
}
