import { AccountName, changePerson, createPerson } from '@stead/contracts'
import type { Person } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { people as words } from '../../strings/people.ts'
import { NameField, TextField, Tick } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { tell } from '../../ui/toast.tsx'

const SHORTEST = 12

/** Adds a person, or changes one. */
export function PersonAsk({ person, onClose }: { person?: Person; onClose: () => void }) {
  const queries = useQueryClient()
  const [name, setName] = useState<string>(person?.name ?? '')
  const [displayName, setDisplayName] = useState(person?.displayName ?? '')
  const [password, setPassword] = useState('')
  const [isInstallationOwner, setOwner] = useState(person?.isInstallationOwner ?? false)
  const [isDisabled, setDisabled] = useState(person?.isDisabled ?? false)
  const form = useSubmit(['name', 'displayName', 'password'], { name_taken: 'name' })
  const wrong = {
    name: AccountName.safeParse(name).success ? undefined : words.nameRule,
    password:
      password === '' || password.length >= SHORTEST ? undefined : say(words.tooShort, { count: password.length }),
  }
  const save = async () => {
    const body = {
      ...(displayName.trim() === '' ? {} : { displayName: displayName.trim() }),
      ...(password === '' ? {} : { password }),
    }
    const named = AccountName.parse(name)
    const saved = person
      ? await client.call(changePerson, {
          params: { person: named },
          body: {
            ...body,
            // Only what was changed: a refusal then is about what was meant.
            ...(isInstallationOwner === person.isInstallationOwner ? {} : { isInstallationOwner }),
            ...(isDisabled === person.isDisabled ? {} : { isDisabled }),
          },
        })
      : await client.call(createPerson, { body: { ...body, name: named, isInstallationOwner } })
    await queries.invalidateQueries({ queryKey: readings.people() })
    await queries.invalidateQueries({ queryKey: readings.session() })
    tell(say(person ? words.changed : words.added, { name: saved.displayName }))
    onClose()
  }
  return (
    <FormDialog
      title={person ? say(words.change, { name: person.displayName }) : words.addTitle}
      act={person ? words.changeAct : words.add}
      busy={form.busy}
      problem={form.problems.whole}
      onSubmit={() => void form.submit(wrong, save)}
      onClose={onClose}
    >
      {!person && (
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
        label={words.displayName}
        hint={words.displayNameHint}
        value={displayName}
        error={form.problems.displayName}
        maxLength={100}
        autoComplete="off"
        onChange={setDisplayName}
      />
      <TextField
        label={words.passwordLabel}
        type="password"
        hint={person ? words.newPasswordHint : words.passwordHint}
        value={password}
        error={form.problems.password}
        autoComplete="new-password"
        onChange={(text) => {
          setPassword(text)
          form.mend('password')
        }}
      />
      <div>
        <Tick checked={isInstallationOwner} onChange={setOwner}>
          {words.isOwner}
        </Tick>
        {person && (
          <Tick checked={isDisabled} onChange={setDisabled}>
            {words.isDisabled}
          </Tick>
        )}
      </div>
    </FormDialog>
  )
}
