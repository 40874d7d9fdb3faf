import type { Platform } from '@stead/contracts'
import { overview as words } from '../../strings/overview.ts'
import { bytes } from '../../ui/numbers.ts'
import { Meter } from '../../ui/sparkline.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import css from './platform.module.css'

/** Runners and storage in a few lines. */
export function PlatformSummary({ platform: { runners, artifacts, database } }: { platform: Platform }) {
  const mostMemory = Math.max(...runners.map(({ memory }) => memory ?? 0), 1)
  return (
    <div className={css.summary}>
      {runners.map(({ name, memory, connected }) => (
        <Line
          key={name}
          name={name}
          isAway={!connected}
          value={memory ?? 0}
          max={mostMemory}
          words={memory === null ? '–' : bytes(memory)}
        />
      ))}
      <Line
        name={words.artifacts}
        value={artifacts.size}
        max={artifacts.free === null ? artifacts.size : artifacts.size + artifacts.free}
        words={bytes(artifacts.size)}
      />
      <Line
        name={words.database}
        value={database.size ?? 0}
        max={Math.max(database.size ?? 1, 1_000_000_000)}
        words={database.size === null ? '–' : bytes(database.size)}
      />
    </div>
  )
}

function Line({
  name,
  value,
  max,
  words: text,
  isAway = false,
}: {
  name: string
  value: number
  max: number
  words: string
  isAway?: boolean
}) {
  return (
    <>
      <span className="row cut">
        {isAway && <StateMark is="attention" />}
        <span className="cut">{name}</span>
      </span>
      <Meter label={`${name} ${text}`} value={value} max={max} />
      <span className="num dim">{text}</span>
    </>
  )
}
