import { ACT_NAMES, ACTS, ROLE_SAYS, ROLES } from '@stead/contracts'
import type { Act, ActRule, Grants, Role } from '@stead/contracts'
import { Check, X } from 'lucide-react'
import { say } from '../../strings/message.ts'
import { members as words } from '../../strings/members.ts'
import { IconButton } from '../../ui/button.tsx'
import { ChoiceField } from '../../ui/choice.tsx'
import { Tick } from '../../ui/field.tsx'
import css from './members.module.css'

const PROJECT_ACTS = ACT_NAMES.filter((act) => 'roles' in (ACTS[act] as ActRule))
const DENIALS = [...new Set(PROJECT_ACTS.map((act) => `${act.split('.', 1)[0]}.*`)), ...PROJECT_ACTS].toSorted()

/** Roles with what each may do, and what is denied in spite of them. */
export function GrantsFields({
  grants,
  problems,
  onChange,
}: {
  grants: Grants
  problems: { readonly roles?: string | undefined; readonly denies?: string | undefined }
  onChange: (grants: Grants) => void
}) {
  const { roles, denies } = grants
  const toggle = (role: Role, isOn: boolean) =>
    onChange({ ...grants, roles: ROLES.filter((one) => (one === role ? isOn : roles.includes(one))) })
  const free = DENIALS.filter((denial) => !denies.includes(denial))
  return (
    <>
      <fieldset className={css.roles}>
        <legend>{words.roles}</legend>
        {ROLES.map((role) => (
          <Tick key={role} checked={roles.includes(role)} onChange={(isOn) => toggle(role, isOn)}>
            <span>
              <b>{role}</b> <span className="dim">{ROLE_SAYS[role]}</span>
            </span>
          </Tick>
        ))}
        {problems.roles !== undefined && (
          <p className={css.error} role="alert">
            {problems.roles}
          </p>
        )}
      </fieldset>
      <details className={css.details}>
        <summary>{words.whatEachMay}</summary>
        <RolesTable />
      </details>
      <div className={css.denies}>
        <ChoiceField
          label={words.denies}
          hint={words.deniesSay}
          error={problems.denies}
          value={undefined}
          choices={free.map((denial) => ({ value: denial, text: denial, label: denial, note: noteOf(denial) }))}
          prompt={words.addDenial}
          nothing={words.noAct}
          onChange={(denial) => onChange({ ...grants, denies: [...denies, denial].toSorted() })}
        />
        {denies.map((denial) => (
          <span key={denial} className={css.denial}>
            <code>{denial}</code>
            <IconButton
              look="quiet"
              size="small"
              label={say(words.removeDenial, { act: denial })}
              icon={<X />}
              onClick={() => onChange({ ...grants, denies: denies.filter((one) => one !== denial) })}
            />
          </span>
        ))}
      </div>
    </>
  )
}

const noteOf = (denial: string) => (denial.endsWith('.*') ? say(words.allOf, { noun: denial.slice(0, -2) }) : undefined)

const may = (role: Role, act: Act) => {
  const rule: ActRule = ACTS[act]
  return 'roles' in rule && rule.roles.includes(role)
}

/** Every act of a project with the roles it is for. */
function RolesTable() {
  return (
    // Scrollable regions must be reachable by keyboard.
    <div className={css.matrix} tabIndex={0} role="region" aria-label={words.whatEachMay}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.act}</th>
            {ROLES.map((role) => (
              <th key={role} scope="col">
                {role}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {PROJECT_ACTS.map((act) => (
            <tr key={act}>
              <th scope="row">
                <code>{act}</code>
              </th>
              {ROLES.map((role) => (
                <td key={role}>{may(role, act) ? <Check size={12} role="img" aria-label="✓" /> : '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
