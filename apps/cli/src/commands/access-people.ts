import { defineCommand } from '../command.ts'
import { age, table } from '../text.ts'

export const command = defineCommand({
  arguments: [],
  options: {},
  about: 'For owners of the installation.',
  examples: ['stead access people'],
  async run(_invocation, context) {
    const platform = await context.connect()
    const { people } = await platform.call(platform.contracts.listPeople, {})
    if (context.json) return context.document({ people })
    if (people.length === 0)
      return context.note('there are no people yet; make an owner with: stead access create-owner NAME')
    const rows = people.map((person) => [
      person.name,
      person.displayName,
      person.isInstallationOwner ? 'owner' : '',
      person.isDisabled ? 'disabled' : person.hasPassword ? 'password' : 'single sign-on',
      person.seenAt === null ? 'never' : age(person.seenAt, Date.now()),
    ])
    context.print(...table(['PERSON', 'NAME', 'INSTALLATION', 'SIGNS IN BY', 'SEEN'], rows, context.paint))
  },
})
