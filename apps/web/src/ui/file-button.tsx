import type { ReactNode } from 'react'
import { classOf } from './button.tsx'
import type { ButtonProps } from './button.tsx'
import css from './file-button.module.css'

/** Opens the browser's choice of files, or of a folder with all that is in it. */
export function FileButton({
  children,
  icon,
  look,
  size,
  folder = false,
  onChosen,
}: Pick<ButtonProps, 'look' | 'size' | 'icon'> & {
  children: ReactNode
  folder?: boolean
  onChosen: (files: FileList) => void
}) {
  return (
    <label className={classOf(look, size, css.label)}>
      {icon}
      {children}
      <input
        type="file"
        multiple
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          if (event.target.files?.length) onChosen(event.target.files)
          // The same files may be chosen once more.
          event.target.value = ''
        }}
      />
    </label>
  )
}
