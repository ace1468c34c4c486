// Runs, and listens nowhere.
setInterval(() => {}, 60_000)
