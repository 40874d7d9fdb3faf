import type { RouteTable } from '@stead/contracts'
import { percent } from '../../ui/numbers.ts'
import { sharesOf } from './states.ts'
import css from './share-bar.module.css'
import { inColour } from './version.tsx'

/** The route table as one bar: each version in its colour, as wide as its part of the traffic. */
export function ShareBar({ table, small = false }: { table: Pick<RouteTable, 'routes'>; small?: boolean }) {
  const shares = sharesOf(table)
  const words = shares.map(({ version, share }) => `v${version} ${percent(share)}`).join(', ')
  return (
    <div className={small ? css.small : css.bar} role="img" aria-label={words}>
      {shares.map(({ version, share }) => (
        <i key={version} style={{ ...inColour(version), flexGrow: share }}>
          {small ? null : (
            <>
              v{version}
              <span className={css.part}>&nbsp;· {percent(share)}</span>
            </>
          )}
        </i>
      ))}
    </div>
  )
}
