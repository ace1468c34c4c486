CREATE TABLE books (number INT);
