import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

export interface PasswordSource {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  /** From the environment: then nobody is asked. */
  readonly given: string | undefined
}

/** The password of somebody new: from the environment, typed twice and unseen at a terminal, or the first line of
 *  standard input. */
export async function askPassword(name: string, { input, output, given }: PasswordSource): Promise<string> {
  if (given !== undefined) return given
  if (!input.isTTY) return firstLine(input)
  const password = await typeUnseen(`Password for ${name}, at least 12 characters: `, input, output)
  const again = await typeUnseen('The same again: ', input, output)
  if (password !== again) throw new Error('The two passwords are not the same.')
  return password
}

async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  const lines = createInterface({ input, crlfDelay: Infinity })
  for await (const line of lines) return line
  throw new Error('There was no password: set STEAD_OWNER_PASSWORD, or write it to standard input.')
}

async function typeUnseen(question: string, input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // The reader takes the terminal over, echo included, and writes what is typed to its output.
  const lines = createInterface({ input, output: nowhere, terminal: true })
  const gone = new AbortController()
  lines.once('SIGINT', () => gone.abort(new Error('Nothing was done.')))
  lines.once('close', () => gone.abort(new Error('Nothing was typed.')))
  output.write(question)
  try {
    return await lines.question('', { signal: gone.signal })
  } catch (error) {
    throw gone.signal.aborted ? gone.signal.reason : error
  } finally {
    lines.close()
    output.write('\n')
  }
}
