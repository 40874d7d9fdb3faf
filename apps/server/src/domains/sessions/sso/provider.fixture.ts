import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer, Browser } from '../browser.fixture.ts'

/** A real provider of OpenID Connect, in a process of its own, that lets in whoever says a name. */
export interface TestProvider {
  readonly issuer: string
  close(): Promise<void>
}

export const CLIENT = { id: 'stead', secret: 'a secret between the two' }

/** What it tells of whoever signs in there. */
const CLAIMS: Readonly<Record<string, object>> = {
  'account-of-ada': { preferred_username: 'Ada', email: 'someone@example.org', email_verified: true, name: 'Ada L.' },
  'account-of-bo': { preferred_username: 'bo.at.work', email: 'bo@example.org', email_verified: true },
  'account-with-unverified-mail': { email: 'cy@example.org', email_verified: false },
  'account-of-new': { preferred_username: 'newcomer', name: 'New Comer' },
  'another-account-of-ada': { preferred_username: 'ada' },
}

export async function startProvider(redirectTo: string): Promise<TestProvider> {
  const child = fork(import.meta.filename, [redirectTo], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const issuer = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { issuer: string }).issuer))
    child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)))
  })
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill()
      }),
  }
}

/** Walks from a page of ours through the provider's pages, as the account named, to where it ends. */
export async function walkThrough(browser: Browser, from: string, account: string): Promise<Answer> {
  let page = await browser.visit(from)
  for (let pages = 0; pages < 3 && page.text.includes('name="prompt"'); pages++) {
    const [, action = ''] = /action="([^"]+)"/.exec(page.text) ?? []
    const prompt = page.text.includes('value="login"') ? 'login' : 'consent'
    page = await browser.submit(new URL(action, page.address).href, { prompt, login: account, password: 'any' })
  }
  return page
}

async function serve(redirectTo: string): Promise<void> {
  const { default: Provider } = await import('oidc-provider')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectTo] }],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    claims: { profile: ['preferred_username', 'name'], email: ['email', 'email_verified'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...CLAIMS[sub] }) }),
  })
  server.on('request', provider.callback())
  process.send?.({ issuer })
  process.once('disconnect', () => process.exit(0))
}

if (import.meta.main) await serve(process.argv[2]!)
