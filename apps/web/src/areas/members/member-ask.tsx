import { AccountName, setMember } from '@stead/contracts'
import type { Grants, Member, ProjectName } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { members as words } from '../../strings/members.ts'
import { ChoiceField } from '../../ui/choice.tsx'
import { NameField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'
import { GrantsFields } from './grants-fields.tsx'
import { peopleQuery } from './members.queries.ts'

/** Makes somebody a member, or changes what one may do. */
export function MemberAsk({
  project,
  member,
  others,
  onClose,
}: {
  project: ProjectName
  /** Without one it asks for the person as well. */
  member?: Member
  /** Those who are members already. */
  others: readonly Member[]
  onClose: () => void
}) {
  const queries = useQueryClient()
  const [name, setName] = useState<string>(member?.name ?? '')
  const [grants, setGrants] = useState<Grants>(member ?? { roles: ['viewer'], denies: [] })
  const form = useSubmit(['name', 'roles', 'denies'], { person_not_found: 'name' })
  const { because } = useMay('member.set')
  const save = async () => {
    const body = { roles: [...grants.roles], denies: [...grants.denies] }
    const set = await client.call(setMember, { params: { project, member: AccountName.parse(name) }, body })
    await queries.invalidateQueries({ queryKey: readings.members(project) })
    await queries.invalidateQueries({ queryKey: readings.session() })
    tell(say(words.saved, { name: set.displayName, roles: set.roles.join(', '), project }))
    onClose()
  }
  const wrong = {
    name: name === '' ? words.nameMissing : AccountName.safeParse(name).error?.issues[0]?.message,
    roles: grants.roles.length === 0 ? words.rolesMissing : undefined,
  }
  return (
    <FormDialog
      title={member ? say(words.editTitle, { name: member.displayName, project }) : say(words.addTitle, { project })}
      act={member ? words.save : words.add}
      busy={form.busy}
      because={because}
      problem={form.problems.whole}
      onSubmit={() => void form.submit(wrong, save)}
      onClose={onClose}
    >
      {!member && (
        <PersonField
          value={name}
          error={form.problems.name}
          others={others}
          onChange={(text) => {
            setName(text)
            form.mend('name')
          }}
        />
      )}
      <GrantsFields
        grants={grants}
        problems={form.problems}
        onChange={(next) => {
          setGrants(next)
          form.mend('roles')
        }}
      />
    </FormDialog>
  )
}

/** Owners of the installation may see who there is; the owner of a project has to know whom they mean. */
function PersonField({
  value,
  error,
  others,
  onChange,
}: {
  value: string
  error: string | undefined
  others: readonly Member[]
  onChange: (name: string) => void
}) {
  const isSeen = useMay('person.list').isAllowed
  const reading = useQuery({ ...peopleQuery, enabled: isSeen })
  if (!isSeen || reading.isError)
    return <NameField label={words.name} hint={words.nameHint} value={value} error={error} onChange={onChange} />
  const members = new Set<string>(others.map(({ name }) => name))
  // The list comes into the field that is there, and not another field into its place.
  const choices = (reading.data?.people ?? [])
    .filter(({ name, isDisabled }) => !members.has(name) && !isDisabled)
    .map(({ name, displayName }) => ({ value: name, text: `${displayName} ${name}`, label: displayName, note: name }))
  return (
    <ChoiceField
      label={words.name}
      value={choices.find((choice) => choice.value === value)}
      error={error}
      choices={choices}
      prompt={words.choosePerson}
      nothing={reading.data ? words.noPerson : words.readingPeople}
      onChange={onChange}
    />
  )
}
