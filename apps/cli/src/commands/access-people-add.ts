import { defineCommand } from '../command.ts'
import { readNewPassword } from '../new-password.ts'

export const command = defineCommand({
  arguments: ['name'],
  options: {
    'display-name': { takes: 'TEXT', says: 'As others read it; the name otherwise.' },
    owner: { says: 'Owns the installation: people, projects, runners, backups; owner in every project.' },
    'no-password': { says: 'Comes by single sign-on.' },
  },
  about: 'The password is asked for, or read from the first line of standard input.',
  examples: ['stead access people add bo', 'stead access people add bo@example.org --no-password'],
  async run({ arguments: { name }, options }, context) {
    const displayName = options['display-name']
    const body = {
      name,
      isInstallationOwner: options.owner,
      ...(displayName === undefined ? {} : { displayName }),
      ...(options['no-password'] ? {} : { password: await readNewPassword(name, context) }),
    }
    const platform = await context.connect()
    const person = await platform.call(platform.contracts.createPerson, { body })
    if (context.json) return context.document(person)
    context.print(
      `${name} is added; let them into a project with: stead access members set ${name} --role ROLE --project PROJECT`,
    )
  },
})
