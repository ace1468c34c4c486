import './posts.ts'
