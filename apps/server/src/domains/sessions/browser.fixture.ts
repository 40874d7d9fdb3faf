/** As much of a browser as signing in takes: it keeps cookies, and follows nothing by itself. */
export interface Browser {
  readonly cookies: ReadonlyMap<string, string>
  ask(method: string, address: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Follows redirects, across hosts as well, until there is a page. */
  visit(address: string): Promise<Answer>
  submit(address: string, fields: Record<string, string>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly address: string
  readonly headers: Headers
  readonly text: string
  // What a test looks into is what it says it is.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

export function openBrowser(url: string): Browser {
  const jar = new Map<string, Map<string, string>>()
  const cookiesOf = (address: string) => {
    const { host } = new URL(address)
    const cookies = jar.get(host) ?? new Map<string, string>()
    jar.set(host, cookies)
    return cookies
  }

  async function send(method: string, place: string, init: { body?: string; headers?: Record<string, string> } = {}) {
    const address = new URL(place, url).href
    const cookies = cookiesOf(address)
    const response = await fetch(address, {
      method,
      redirect: 'manual',
      headers: { ...(cookies.size > 0 ? { cookie: written(cookies) } : {}), ...init.headers },
      ...(init.body === undefined ? {} : { body: init.body }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return {
      status: response.status,
      address,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    }
  }

  async function follow(answer: Answer): Promise<Answer> {
    let here = answer
    for (let hops = 0; hops < 20 && here.status >= 300 && here.status < 400; hops++)
      here = await send('GET', new URL(here.headers.get('location') ?? '', here.address).href, {
        headers: { accept: 'text/html' },
      })
    return here
  }

  return {
    get cookies() {
      return cookiesOf(url)
    },
    ask: (method, address, body, headers = {}) =>
      send(method, address, {
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    visit: async (address) => follow(await send('GET', address, { headers: { accept: 'text/html' } })),
    submit: async (address, fields) =>
      follow(
        await send('POST', address, {
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: String(new URLSearchParams(fields)),
        }),
      ),
  }
}

const written = (cookies: ReadonlyMap<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
