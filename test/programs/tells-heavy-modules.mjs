// Prints, at the end of the process, which modules of Node are loaded that take long to load; to be imported first.
process.on('exit', () => {
  process.stdout.write(
    String(process.moduleLoadList.filter((name) => /^NativeModule (crypto|http|v8|readline)$/.test(name))),
  )
})
