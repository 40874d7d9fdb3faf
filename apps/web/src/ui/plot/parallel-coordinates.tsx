import { useMemo, useState } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import { Button } from '../button.tsx'
import type { Brushes } from './brushes.ts'
import { withBrush } from './brushes.ts'
import { parallelScalesOf, parallelSceneOf } from './parallel-scene.ts'
import type { ParallelAxis, ParallelItem, ParallelScene } from './parallel-scene.ts'
import { ParallelArea } from './parallel-area.tsx'
import { ParallelTable } from './parallel-table.tsx'
import { PlotFigure } from './plot-figure.tsx'
import { axisWords } from './plot-items.ts'
import figureCss from '../chart/figure.module.css'
import css from './plot.module.css'
import { Ramp } from './ramp.tsx'

interface ParallelCoordinatesProps {
  readonly name: string
  readonly axes: readonly ParallelAxis[]
  /** Up to some thousands. */
  readonly items: readonly ParallelItem[]
  /** The id of the axis that gives the colours; the items' own without it. */
  readonly colourBy?: string | undefined
  /** In the units that are drawn: exponents of ten on a logarithmic axis. Without `onBrushes` the plot keeps them. */
  readonly brushes?: Brushes
  readonly onBrushes?: (brushes: Brushes) => void
  /** Hears which items lie within all ranges, when that changes by a brush. */
  readonly onWithin?: (ids: readonly string[]) => void
  readonly highlighted?: string | undefined
  readonly onHighlight?: (id: string | undefined) => void
  readonly height?: number
  readonly empty?: string
}

const NO_BRUSHES: Brushes = new Map()

/** Items as lines through upright axes, to see which values go together. */
export function ParallelCoordinates({ name, axes, items, colourBy, height = 280, ...rest }: ParallelCoordinatesProps) {
  const [own, setOwn] = useState(NO_BRUSHES)
  const brushes = rest.onBrushes ? (rest.brushes ?? NO_BRUSHES) : own
  const scales = useMemo(() => parallelScalesOf(axes, items, words.absent), [axes, items])
  const scene = useMemo(
    () => parallelSceneOf(axes, items, scales, brushes, colourBy),
    [axes, items, scales, brushes, colourBy],
  )
  const setBrushes = (next: Brushes) => {
    ;(rest.onBrushes ?? setOwn)(next)
    rest.onWithin?.(withinOf(parallelSceneOf(axes, items, scales, next, undefined)))
  }
  const isEmpty = items.length === 0 || axes.length === 0
  const note = brushes.size > 0 ? say(words.within, { count: scene.within, all: items.length }) : words.brushHint
  return (
    <PlotFigure
      name={name}
      legend={<ColourLegend scene={scene} colourBy={colourBy} />}
      notes={isEmpty ? [] : [note]}
      acts={
        brushes.size > 0 && (
          <Button look="quiet" size="small" onClick={() => setBrushes(NO_BRUSHES)}>
            {words.clearBrushes}
          </Button>
        )
      }
      table={() => <ParallelTable name={name} scene={scene} />}
    >
      {isEmpty ? (
        <p className={css.nothing}>{rest.empty ?? words.noItems}</p>
      ) : (
        <ParallelArea
          {...{ name, scene, brushes, height }}
          onBrush={(axis, ends) => setBrushes(withBrush(brushes, axis, ends))}
          highlighted={rest.highlighted}
          onHighlight={rest.onHighlight}
        />
      )}
    </PlotFigure>
  )
}

const withinOf = ({ lines }: ParallelScene): string[] =>
  lines.filter(({ isWithin }) => isWithin).map(({ item: { id } }) => id)

function ColourLegend({ scene: { axes, scales }, colourBy }: { scene: ParallelScene; colourBy: string | undefined }) {
  const index = axes.findIndex(({ id }) => id === colourBy)
  const scale = scales[index]
  if (scale === undefined) return null
  const name = axisWords(axes[index]!)
  if (scale.is === 'category') return <span className={figureCss.unit}>{say(words.colouredBy, { axis: name })}</span>
  return <Ramp name={name} low={scale.textAt(scale.min)} high={scale.textAt(scale.max)} />
}
