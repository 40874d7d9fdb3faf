// Wrong on purpose: version "1" and version 1 would be the same here and different everywhere else.
export const isSame = (asked: unknown, served: number) => asked == served
