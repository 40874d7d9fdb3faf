import { afterEach } from 'vitest'
import { startFakePlatform } from './fake-platform.fixture.ts'
import type { FakePlatform } from './fake-platform.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'
import type { Ran, Typed } from './fake-terminal.fixture.ts'

interface FakeInstallation {
  /** From now on the platform answers so; the one of before is gone. */
  given(handlers: Parameters<typeof startFakePlatform>[0]): Promise<void>
  /** Runs a command line; as a text, its words have no spaces. */
  run(line: string | readonly string[], typed?: Typed): Promise<Ran>
  /** What an endpoint was asked last. */
  asked(name: string): FakePlatform['calls'][number]['request'] | undefined
  calls(): FakePlatform['calls']
  /** Where the platform is, or nobody. */
  url(): string
  close(): Promise<void>
}

/** A command line and a platform that answers it, for as long as a test lasts. */
export function fakeInstallation(): FakeInstallation {
  let platform: FakePlatform | undefined
  const close = async () => {
    await platform?.close()
    platform = undefined
  }
  afterEach(close)
  const url = () => platform?.url ?? 'http://127.0.0.1:9'
  return {
    url,
    close,
    async given(handlers) {
      await close()
      platform = await startFakePlatform(handlers)
    },
    run: (line, typed = {}) =>
      stead(typeof line === 'string' ? line.split(' ') : [...line], {
        ...typed,
        env: { STEAD_URL: url(), ...typed.env },
      }),
    asked: (name) => platform?.calls.findLast((call) => call.name === name)?.request,
    calls: () => platform?.calls ?? [],
  }
}
