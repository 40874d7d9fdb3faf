import { defineCommand } from '../command.ts'
import type { Context, Options, OptionSpecs } from '../command.ts'
import { UsageError } from '../failures.ts'
import { readNewPassword } from '../new-password.ts'

const OPTIONS = {
  'display-name': { takes: 'TEXT', says: 'As others read it.' },
  owner: { takes: 'YES|NO', oneOf: ['yes', 'no'], says: 'Whether they own the installation.' },
  disable: { says: 'They cannot sign in, and their tokens do not work.' },
  enable: { says: 'They can again.' },
  password: { says: 'A new one, asked for or read from the first line of standard input; it ends their sessions.' },
} as const satisfies OptionSpecs

export const command = defineCommand({
  arguments: ['name'],
  options: OPTIONS,
  about: 'What is not given stays. It counts from their next request on.',
  examples: [
    'stead access people change bo --disable',
    'stead access people change bo --owner yes',
    'stead access people change bo --password',
  ],
  async run({ arguments: { name }, options }, context) {
    const body = await changeFrom(name, options, context)
    const platform = await context.connect()
    const person = await platform.call(platform.contracts.changePerson, { params: { person: name }, body })
    if (context.json) return context.document(person)
    const now = [
      ...(person.isInstallationOwner ? ['an owner of the installation'] : []),
      person.isDisabled ? 'disabled' : 'enabled',
    ]
    context.print(`${name} (${person.displayName}) is ${now.join(', ')}${body.password ? ', with a new password' : ''}`)
  },
})

async function changeFrom(name: string, options: Options<typeof OPTIONS>, context: Context) {
  const { 'display-name': displayName, owner, disable, enable } = options
  if (disable && enable) throw new UsageError('--disable and --enable contradict each other')
  const change = {
    ...(displayName === undefined ? {} : { displayName }),
    ...(owner === undefined ? {} : { isInstallationOwner: owner === 'yes' }),
    ...(disable || enable ? { isDisabled: disable } : {}),
  }
  if (Object.keys(change).length === 0 && !options.password)
    throw new UsageError(
      'nothing to change is given',
      'Give --display-name, --owner, --disable, --enable or --password.',
    )
  return { ...change, ...(options.password ? { password: await readNewPassword(name, context) } : {}) }
}
