/** An option that may be given several times; its default is `[]`. */
export const severally = (text: string, before: string[]): string[] => [...before, text];
