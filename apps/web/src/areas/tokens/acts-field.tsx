import { ACT_NAMES, ACTS } from '@stead/contracts'
import type { Act, ActRule } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { tokens as words } from '../../strings/tokens.ts'
import { Tick } from '../../ui/field.tsx'
import { AllOrThese } from './all-or-these.tsx'
import css from './tokens.module.css'

const NEVER_BY_TOKEN = new Set<Act>(['session.read', 'session.create', 'session.end', 'installation.health'])
const isGiven = (act: Act) => {
  const rule: ActRule = ACTS[act]
  return !NEVER_BY_TOKEN.has(act) && !('circle' in rule && rule.circle === 'runner')
}
const BY_NOUN = [...Map.groupBy(ACT_NAMES.filter(isGiven), (act) => act.split('.', 1)[0]!)]
const ofProject = (act: Act) => 'roles' in (ACTS[act] as ActRule)

/** All that the owner may, or some acts only, grouped by their noun. `null` is all. */
export function ActsField({
  value,
  error,
  inProject = false,
  onChange,
}: {
  value: readonly Act[] | null
  error: string | undefined
  /** Only acts of a project, for one who lives in it. */
  inProject?: boolean
  onChange: (acts: readonly Act[] | null) => void
}) {
  const toggle = (acts: readonly Act[], isOn: boolean) => {
    const rest = (value ?? []).filter((act) => !acts.includes(act))
    onChange(isOn ? [...rest, ...acts] : rest)
  }
  const nouns = BY_NOUN.map(([noun, acts]) => [noun, inProject ? acts.filter(ofProject) : acts] as const)
  return (
    <AllOrThese
      label={words.acts}
      all={words.allActs}
      these={words.theseActs}
      value={value}
      error={error}
      onChange={onChange}
    >
      {(chosen) =>
        nouns
          .filter(([, acts]) => acts.length > 0)
          .map(([noun, acts]) => (
            <fieldset key={noun} className={css.noun}>
              <legend className="heard-only">{noun}</legend>
              <Tick
                checked={acts.every((act) => chosen.includes(act))}
                onChange={(isOn) => toggle(acts, isOn)}
                aria-label={say(words.allOf, { noun })}
              >
                <b>{noun}</b>
              </Tick>
              {acts.map((act) => (
                <Tick
                  key={act}
                  checked={chosen.includes(act)}
                  onChange={(isOn) => toggle([act], isOn)}
                  aria-label={act}
                >
                  {act.slice(noun.length + 1)}
                </Tick>
              ))}
            </fieldset>
          ))
      }
    </AllOrThese>
  )
}
