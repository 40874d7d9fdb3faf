import type { RunId } from '@stead/contracts'
import { useMemo } from 'react'
import { comparison as words } from '../../strings/comparison.ts'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { columnsOf } from './axes.ts'
import type { Columns } from './axes.ts'
import { Bars, Boxes } from './by-value-charts.tsx'
import { CHARTS, chartIn } from './comparison-search.ts'
import css from './comparison.module.css'
import { Lines } from './line-charts.tsx'
import { Contour, Parallel, Scatter } from './plane-charts.tsx'
import type { RunLook } from './run-look.ts'
import { useComparison } from './use-comparison.ts'

/** What every chart of a comparison is given. */
export interface ChartProps {
  readonly looks: readonly RunLook[]
  readonly columns: Columns
  readonly lit: RunId | undefined
  readonly onLit: (run: string | undefined) => void
}

/** The runs as a picture, of the kind that the address names. */
export function ComparisonCharts({ looks }: { looks: readonly RunLook[] }) {
  const [search, change] = useComparison()
  const columns = useMemo(() => columnsOf(looks.map(({ run }) => run)), [looks])
  const kind = chartIn(search.chart)
  const props: ChartProps = {
    looks,
    columns,
    lit: search.lit as RunId | undefined,
    onLit: (lit) => change({ lit }),
  }
  return (
    <Panel label={words.charts}>
      <div className={css.tools}>
        <Segmented
          label={words.chart}
          value={kind}
          options={CHARTS.map((value) => ({ value, label: words[value] }))}
          onChange={(chart) => change({ chart: chart === 'lines' ? undefined : chart })}
        />
      </div>
      {kind === 'lines' && <Lines {...props} />}
      {kind === 'bar' && <Bars {...props} />}
      {kind === 'scatter' && <Scatter {...props} />}
      {kind === 'parallel' && <Parallel {...props} />}
      {kind === 'contour' && <Contour {...props} />}
      {kind === 'box' && <Boxes {...props} />}
    </Panel>
  )
}
