import { X } from 'lucide-react'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import { fieldOf } from './columns.ts'
import type { KnownKeys } from './columns.ts'
import { unknownKeyIn } from './complaint.ts'
import type { Complaint } from './complaint.ts'
import css from './filter-bar.module.css'
import { conjunctsOf, isWhole, withoutConjunct } from './filter-text.ts'

/** What is wrong with the filter, or odd, and how to mend it. */
export function FilterTold({
  text,
  complaint,
  known,
  onMend,
}: {
  text: string
  complaint: Complaint | undefined
  known: KnownKeys
  onMend: (text: string) => void
}) {
  const put = ({ at, length }: { at: number; length: number }, name: string) =>
    onMend(text.slice(0, at) + name + text.slice(at + length))
  if (complaint)
    return (
      <p className={css.told} role="alert">
        <StateMark is="failed" />
        <span>
          {complaint.says}{' '}
          {complaint.didYouMean !== undefined && (
            <Mend name={complaint.didYouMean} onMend={(name) => put(complaint, name)} />
          )}
        </span>
      </p>
    )
  const unknown = isWhole(text) ? unknownKeyIn(text, known) : undefined
  if (unknown === undefined) return null
  const noun = text.slice(unknown.at).split('.', 1)[0] ?? ''
  const plural = noun.endsWith('s') ? noun : `${noun}s`
  return (
    <p className={`${css.told} ${css.attention}`}>
      <StateMark is="attention" />
      <span>
        {say(words.unknownKey, { name: unknown.name.slice(0, 200) })}{' '}
        {unknown.didYouMean !== undefined && (
          <Mend name={unknown.didYouMean} onMend={(name) => put(unknown, fieldOf(`${plural}.${name}`))} />
        )}
      </span>
    </p>
  )
}

const Mend = ({ name, onMend }: { name: string; onMend: (name: string) => void }) => (
  <button type="button" className={css.mend} onClick={() => onMend(name)}>
    {say(words.didYouMean, { name })}
  </button>
)

/** The parts of the filter that must all hold, each to be taken out. */
export function FilterChips({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const parts = conjunctsOf(text)
  if (parts.length < 2) return null
  return (
    <ul className={css.chips}>
      {parts.map((part, index) => (
        <li key={part.from} className={css.chip}>
          <bdi className="mono cut" title={part.text}>
            {part.text}
          </bdi>
          <button
            type="button"
            aria-label={say(words.removePart, { part: part.text })}
            onClick={() => onChange(withoutConjunct(text, index))}
          >
            <X />
          </button>
        </li>
      ))}
    </ul>
  )
}
