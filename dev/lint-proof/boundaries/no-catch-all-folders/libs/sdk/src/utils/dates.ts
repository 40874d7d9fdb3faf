// Wrong on purpose: the folder's name fits everything, so everything will end up in it.
export const today = () => new Date().toISOString().slice(0, 10)
