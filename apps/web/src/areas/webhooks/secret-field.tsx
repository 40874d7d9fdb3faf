import { webhooks as words } from '../../strings/webhooks.ts'
import { TextField } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import css from './webhooks.module.css'

/** What is to become of the secret: it is never shown, so that there is nothing to change in it. */
export type SecretChoice = keyof typeof words.secretChoices

const CHOICES = (['keep', 'replace', 'end'] as const).map((value) => ({ value, label: words.secretChoices[value] }))

/** The secret of a webhook: typed where there is none, and otherwise kept, replaced or taken away. */
export function SecretField({
  isThere,
  choice,
  text,
  error,
  onChoose,
  onType,
}: {
  isThere: boolean
  choice: SecretChoice
  text: string
  error: string | undefined
  onChoose: (choice: SecretChoice) => void
  onType: (text: string) => void
}) {
  const field = (
    <TextField
      type="password"
      label={isThere ? words.newSecret : words.secret}
      hint={isThere ? words.newSecretHint : words.secretHint}
      value={text}
      error={error}
      maxLength={1000}
      autoComplete="new-password"
      spellCheck={false}
      onChange={onType}
    />
  )
  if (!isThere) return field
  return (
    <fieldset className={css.secret}>
      <legend>{words.secret}</legend>
      <Segmented label={words.secret} value={choice} options={CHOICES} onChange={onChoose} />
      {choice === 'replace' && field}
    </fieldset>
  )
}

/** As the platform takes it: undefined leaves it as it is. */
export function secretAsked(isThere: boolean, choice: SecretChoice, text: string): string | null | undefined {
  if (!isThere) return text === '' ? undefined : text
  return choice === 'keep' ? undefined : choice === 'end' ? null : text
}
