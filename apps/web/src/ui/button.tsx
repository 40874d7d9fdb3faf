import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import css from './button.module.css'
import { Tip } from './tip.tsx'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** One filled button a view; quiet ones have no border. */
  readonly look?: 'plain' | 'filled' | 'quiet' | 'danger'
  readonly icon?: ReactNode
  readonly size?: 'small'
  /** Why it cannot be pressed now. It stays focusable, so that the reason can be read. */
  readonly because?: string | undefined
  readonly busy?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({
  look = 'plain',
  icon,
  size,
  because,
  busy,
  children,
  className,
  onClick,
  'aria-disabled': isOff,
  ...rest
}: ButtonProps) {
  const isHeld = because !== undefined || busy === true || isOff === true
  const button = (
    <button
      type="button"
      {...rest}
      className={classOf(look, size, className)}
      aria-disabled={isHeld || undefined}
      aria-busy={busy || undefined}
      onClick={isHeld ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      {children}
    </button>
  )
  return because === undefined ? button : <Tip says={because}>{button}</Tip>
}

/** For links that look like buttons. */
export const classOf = (look: ButtonProps['look'] = 'plain', size?: ButtonProps['size'], more = '') =>
  `${css.button} ${css[look]} ${size ? css[size] : ''} ${more}`.trim()

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'children'> {
  /** What it does, for those who hear it and as its tip. */
  readonly label: string
  readonly icon: ReactNode
}

export function IconButton({ label, icon, className = '', because, ...rest }: IconButtonProps) {
  return (
    <Tip says={because ?? label}>
      <Button
        {...rest}
        aria-label={label}
        aria-disabled={because !== undefined}
        className={`${css.square} ${className}`}
      >
        {icon}
      </Button>
    </Tip>
  )
}
