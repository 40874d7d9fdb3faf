/** One line of a chart, drawn from the column of the same id. */
export interface Series {
  readonly id: string
  readonly label: string
  /** A colour of style sheets, such as `var(--c1)`. */
  readonly colour: string
  readonly width?: number
  readonly dash?: readonly number[]
  /** Its area down to zero, as strong as this share of its colour. */
  readonly area?: number
}

/** A chart of a stack. Its y axis begins at zero. */
export interface Chart {
  readonly id: string
  readonly name: string
  readonly unit: string
  /** Of the plot, in pixels. */
  readonly height: number
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  /** A bound or objective, beside the legend; drawn as a thin line while it is within range. */
  readonly bound?: { readonly at: number; readonly label: string }
}

/** A moment that all charts show as a hairline. */
export interface Marker {
  readonly at: number
  readonly kind: 'change' | 'rollback' | 'alert' | 'refused'
}

/** A span without figures, and why. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly says: string
}

/** Of every plot, in pixels: all charts of a stack lie exactly above each other. */
export const PLOT_LEFT = 44
export const PLOT_RIGHT = 10
export const PLOT_TOP = 6
