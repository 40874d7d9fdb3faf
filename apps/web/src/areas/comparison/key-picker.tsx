import { useMemo, useState } from 'react'
import { comparison as words } from '../../strings/comparison.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { ChoiceField } from '../../ui/choice.tsx'
import { Tick } from '../../ui/field.tsx'
import { Popover } from '../../ui/popover.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { nameOfAxis } from './axes.ts'
import type { AxisId } from './axes.ts'
import css from './comparison.module.css'

/** More are found by searching. */
const AT_ONCE = 80

interface ManyProps {
  readonly title: string
  /** What the button says. */
  readonly label: string
  readonly choices: readonly AxisId[]
  readonly chosen: readonly AxisId[]
  readonly onChange: (chosen: readonly AxisId[]) => void
}

/** Several of many, ticked. What is chosen stands first, in the order in which it was chosen. */
export function ManyKeys({ title, label, choices, chosen, onChange }: ManyProps) {
  const [text, setText] = useState('')
  const found = useMemo(() => {
    const wanted = text.trim().toLowerCase()
    return choices.filter((id) => nameOfAxis(id).toLowerCase().includes(wanted))
  }, [choices, text])
  const shown = found.slice(0, AT_ONCE)
  return (
    <Popover title={title} trigger={<Button size="small">{label}</Button>}>
      <div className={css.picker}>
        <SearchBox label={words.findKey} value={text} onChange={setText} onSettled={setText} />
        <div className={css.picks} role="group" aria-label={title} tabIndex={0}>
          {shown.map((id) => (
            <Tick
              key={id}
              checked={chosen.includes(id)}
              onChange={(isOn) => onChange(isOn ? [...chosen, id] : chosen.filter((one) => one !== id))}
            >
              <span className="wrap">{nameOfAxis(id)}</span>
            </Tick>
          ))}
          {shown.length === 0 && <p className="dim">{words.noKey}</p>}
        </div>
        {shown.length < found.length && (
          <p className="faint">{say(words.firstOf, { shown: shown.length, count: found.length })}</p>
        )}
      </div>
    </Popover>
  )
}

interface OneProps {
  readonly label: string
  readonly choices: readonly AxisId[]
  readonly chosen: AxisId | undefined
  readonly onChange: (chosen: AxisId) => void
  /** For none of them. */
  readonly none?: string
}

const NONE = ''

/** One of many, with the word for what it is for at its left. */
export function OneKey({ label, choices, chosen, onChange, none }: OneProps) {
  const options = useMemo(
    () => [
      ...(none === undefined ? [] : [{ value: NONE, text: none, label: none }]),
      ...choices.map((id) => ({ value: id, text: nameOfAxis(id), label: nameOfAxis(id), note: id.split('.')[0] })),
    ],
    [choices, none],
  )
  return (
    <div className={css.axis}>
      <ChoiceField
        label={label}
        value={options.find(({ value }) => value === (chosen ?? NONE))}
        choices={options}
        prompt={words.findKey}
        nothing={words.noKey}
        onChange={onChange}
      />
    </div>
  )
}
