import { AccountName, changeAccount, createAccount } from '@stead/contracts'
import type { Grants, ProjectName, ServiceAccount } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { members } from '../../strings/members.ts'
import { NameField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'
import { GrantsFields } from './grants-fields.tsx'

const words = members.accounts

/** Makes a service account, or changes what one may do. */
export function AccountAsk({
  project,
  account,
  onClose,
}: {
  project: ProjectName
  account?: ServiceAccount
  onClose: () => void
}) {
  const queries = useQueryClient()
  const [name, setName] = useState<string>(account?.name ?? '')
  const [description, setDescription] = useState(account?.description ?? '')
  const [grants, setGrants] = useState<Grants>(account ?? { roles: ['contributor'], denies: [] })
  const form = useSubmit(['name', 'description', 'roles', 'denies'], { name_taken: 'name' })
  const { because } = useMay(account ? 'account.change' : 'account.create')
  const wrong = {
    name: AccountName.safeParse(name).success ? undefined : words.nameRule,
    roles: grants.roles.length === 0 ? members.rolesMissing : undefined,
  }
  const save = async () => {
    const body = { description: description.trim(), roles: [...grants.roles], denies: [...grants.denies] }
    const named = AccountName.parse(name)
    const saved = account
      ? await client.call(changeAccount, { params: { project, account: named }, body })
      : await client.call(createAccount, { params: { project }, body: { ...body, name: named } })
    await queries.invalidateQueries({ queryKey: readings.accounts(project) })
    tell(say(account ? words.changed : words.made, { name: saved.name, roles: saved.roles.join(', ') }))
    onClose()
  }
  return (
    <FormDialog
      title={account ? say(words.changeTitle, { name: account.name, project }) : words.make}
      act={account ? words.changeAct : words.makeAct}
      busy={form.busy}
      because={because}
      problem={form.problems.whole}
      onSubmit={() => void form.submit(wrong, save)}
      onClose={onClose}
    >
      {!account && (
        <NameField
          label={words.name}
          hint={words.nameHint}
          value={name}
          error={form.problems.name}
          onChange={(text) => {
            setName(text)
            form.mend('name')
          }}
        />
      )}
      <TextField
        label={words.description}
        value={description}
        error={form.problems.description}
        maxLength={1000}
        autoComplete="off"
        onChange={setDescription}
      />
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
