import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { SteadError } from '@stead/contracts'

/** Keeps passwords as Argon2id hashes. The work is done beside the loop, a few at a time; who comes when too many wait
 *  already is told so (`too_many_attempts`). */
export interface PasswordHashing {
  hash(password: string): Promise<string>
  /** Whether the password is that of the hash. Without a hash it is not, and takes as long to say so. */
  fits(password: string, hash: string | null | undefined): Promise<boolean>
}

/** Argon2id with 19 MiB, two passes and one lane: the first choice of OWASP's password storage cheat sheet. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** Each takes a core and 19 MiB for some tens of milliseconds, and a thread that files and names wait for as well. */
const AT_ONCE = 2
const MOST_WAITING = 64

export function createPasswordHashing(): PasswordHashing {
  const waiting: Array<() => void> = []
  let working = 0
  let nobodys: Promise<string> | undefined

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (working >= AT_ONCE) {
      if (waiting.length >= MOST_WAITING)
        throw new SteadError('too_many_attempts', 'too many passwords are being checked at this moment')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else working += 1
    try {
      return await work()
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift()
      if (next) next()
      else working -= 1
    }
  }

  return {
    hash: (password) => inTurn(() => hash(written(password), COST)),
    async fits(password, kept) {
      nobodys ??= hash(randomBytes(32), COST)
      const against = kept ?? (await nobodys)
      const isRight = await inTurn(() => verify(against, written(password)))
      return isRight && typeof kept === 'string'
    },
  }
}

/** Keyboards spell the same character differently (NIST SP 800-63B, 3.1.1.2). */
const written = (password: string) => password.normalize('NFKC')
