import { tokens as words } from '../../strings/tokens.ts'
import { SelectField } from '../../ui/select.tsx'

export type Expiry = keyof typeof words.expiries
const EXPIRIES = ['7', '30', '90', '365', 'never'] as const satisfies readonly Expiry[]

/** For the request: days, or null for a credential that lasts. */
export const daysOf = (expiry: Expiry): number | null => (expiry === 'never' ? null : Number(expiry))

export function ExpiryField({ value, onChange }: { value: Expiry; onChange: (value: Expiry) => void }) {
  return (
    <SelectField
      label={words.expiry}
      value={value}
      options={EXPIRIES.map((one) => ({ value: one, label: words.expiries[one] }))}
      hint={value === 'never' ? words.neverSays : undefined}
      onChange={onChange}
    />
  )
}
