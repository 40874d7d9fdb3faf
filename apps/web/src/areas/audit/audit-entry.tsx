import type { AuditEntry } from '@stead/contracts'
import { useEffect, useRef } from 'react'
import { audit as words } from '../../strings/audit.ts'
import { say } from '../../strings/message.ts'
import { ShortDigest } from '../../ui/copy.tsx'
import { Fact, Facts } from '../../ui/panel.tsx'
import { exactTime } from '../../ui/time.tsx'
import css from './audit.module.css'
import { differenceOf } from './difference.ts'

/** All that one entry tells. */
export function WholeEntry({ entry }: { entry: AuditEntry }) {
  const { sequence, at, reason, credential, from, request, digest, hash, previous } = entry
  const top = useRef<HTMLDivElement>(null)
  // A link to an entry shows it.
  useEffect(() => {
    // Nothing is handed back: some browsers give a promise.
    top.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div ref={top} className={css.whole}>
      <Difference entry={entry} />
      <Facts>
        <Fact name={words.entry}>{sequence}</Fact>
        <Fact name={words.exactly}>{exactTime(at)}</Fact>
        {reason !== '' && <Fact name={words.reason}>{reason}</Fact>}
        <Fact name={words.columns.from}>{from ?? words.serverItself}</Fact>
        {credential !== null && (
          <Fact name={words.credential}>
            <code>{credential}</code>
          </Fact>
        )}
        {request !== null && (
          <Fact name={words.request}>
            <code>{request}</code>
          </Fact>
        )}
        {digest !== null && (
          <Fact name={words.digest}>
            <ShortDigest digest={digest} />
          </Fact>
        )}
        <Fact name={words.hash}>
          <ShortDigest digest={hash} />
        </Fact>
        <Fact name={words.previous}>
          <ShortDigest digest={previous} />
        </Fact>
      </Facts>
    </div>
  )
}

function Difference({ entry: { sequence, before, after } }: { entry: AuditEntry }) {
  const { parts, same } = differenceOf(before, after)
  if (parts.length === 0) return <p className="faint">{words.noDifference}</p>
  return (
    // Scrollable regions must be reachable by keyboard.
    <div
      className={css.scroll}
      tabIndex={0}
      role="region"
      aria-label={say(words.unfold, { sequence: String(sequence) })}
    >
      <table className={css.difference} aria-label={words.difference}>
        <thead>
          <tr>
            <th scope="col">{words.part}</th>
            <th scope="col">{words.before}</th>
            <th scope="col">{words.after}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ path, before: was, after: is }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td className={css.was}>{was ?? words.absent}</td>
              <td className={css.is}>{is ?? words.absent}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {same > 0 && <p className="faint">{say(words.same, { count: same })}</p>}
    </div>
  )
}
