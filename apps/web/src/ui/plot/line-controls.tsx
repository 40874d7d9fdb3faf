import { plots as words } from '../../strings/plots.ts'
import { Segmented } from '../segmented.tsx'
import type { LineView } from './line-scene.ts'
import css from './plot.module.css'
import type { Along } from './trace.ts'

/** Beyond this a mean hardly moves. */
const MOST_SMOOTHING = 0.99

interface LineControlsProps {
  readonly view: LineView
  readonly onChange: (view: LineView) => void
}

/** How lines are drawn; one for all plots of a page. */
export function LineControls({ view, onChange }: LineControlsProps) {
  // A range of steps is none of seconds.
  const alongTo = (along: Along) => onChange({ ...view, along, range: undefined })
  return (
    <div className={css.controls}>
      <Segmented<Along>
        label={words.along}
        value={view.along}
        options={[
          { value: 'step', label: words.step },
          { value: 'time', label: words.time },
          { value: 'relative', label: words.relative },
        ]}
        onChange={alongTo}
      />
      <Segmented<LineView['scale']>
        label={words.scale}
        value={view.scale}
        options={[
          { value: 'linear', label: words.linear },
          { value: 'log', label: words.logarithmic },
        ]}
        onChange={(scale) => onChange({ ...view, scale })}
      />
      <label className={css.slider}>
        {words.smoothing}
        <input
          type="range"
          min={0}
          max={MOST_SMOOTHING}
          step={0.01}
          value={view.smoothing}
          onChange={(event) => onChange({ ...view, smoothing: Number(event.target.value) })}
        />
        <output>{view.smoothing.toFixed(2)}</output>
      </label>
    </div>
  )
}
