import type { CSSProperties } from 'react'
import css from './version.module.css'

const COLOURS = 8

/** A version keeps its colour wherever it is seen: in order of its number, so that neighbours differ. */
export const colourOf = (version: number): string => `var(--c${((version - 1) % COLOURS) + 1})`

/** For elements whose style sheet says `var(--k)`. */
export const inColour = (version: number): CSSProperties => ({ '--k': colourOf(version) }) as CSSProperties

export function Swatch({ version, hollow = false }: { version: number; hollow?: boolean }) {
  return <i className={`${css.swatch} ${hollow ? css.hollow : ''}`} style={inColour(version)} aria-hidden />
}

/** A version after its model is known: swatch and `v8`. Hollow where it answers nobody. */
export function VersionName({ version, hollow = false }: { version: number; hollow?: boolean }) {
  return (
    <span className={css.name}>
      <Swatch version={version} hollow={hollow} />v{version}
    </span>
  )
}
