/** A cookie that scripts cannot read and other sites' forms do not send. */
export interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  /** 0 removes it. */
  readonly seconds: number
  /** Only ever sent over TLS. */
  readonly isSecure: boolean
}

/** For `Set-Cookie` (RFC 6265). Lax, for a person who follows a link, or comes back from single sign-on, is still who
 *  they were. */
export function writeCookie({ name, value, path, seconds, isSecure }: Cookie): string {
  const parts = [`${name}=${value}`, `Path=${path}`, `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Lax']
  return [...parts, ...(isSecure ? ['Secure'] : [])].join('; ')
}
