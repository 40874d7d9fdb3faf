import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import figureCss from '../chart/figure.module.css'
import { LineSample } from '../chart/plot.tsx'
import { newestValues } from './line-scene.ts'
import type { LineScene, LineValue } from './line-scene.ts'
import { measure } from './measure.ts'
import css from './plot.module.css'

/** Beyond so many a legend is a list that nobody reads; all of them are in the table. */
const MOST = 8

interface LineLegendProps {
  readonly scene: LineScene
  /** Those at the crosshair; the newest in sight without one. */
  readonly values: readonly LineValue[] | undefined
  readonly highlighted: string | undefined
  readonly onHighlight: ((id: string | undefined) => void) | undefined
}

/** Which colour is which line, and what it says at the crosshair. */
export function LineLegend({ scene, values, highlighted, onHighlight }: LineLegendProps) {
  const figures = values
    ? new Map(values.map(({ series, value }) => [series.id, value]))
    : newestValues({ ...scene, lines: scene.lines.slice(0, MOST) })
  const more = scene.lines.length - MOST
  return (
    <span className={figureCss.legend}>
      {scene.lines.slice(0, MOST).map(({ series: { id, label, colour, dash } }) => {
        const figure = figures.get(id)
        const entry = (
          <>
            <LineSample colour={colour} dash={dash} />
            <span className="cut">{label}</span>
            <b>{figure === undefined ? words.none : measure(figure)}</b>
          </>
        )
        if (!onHighlight)
          return (
            <span key={id} className={css.entry} title={label}>
              {entry}
            </span>
          )
        const isChosen = id === highlighted
        return (
          <button
            key={id}
            type="button"
            className={css.entry}
            title={label}
            aria-pressed={isChosen}
            onClick={() => onHighlight(isChosen ? undefined : id)}
          >
            {entry}
          </button>
        )
      })}
      {more > 0 && <span>{say(words.andMore, { count: more })}</span>}
    </span>
  )
}
